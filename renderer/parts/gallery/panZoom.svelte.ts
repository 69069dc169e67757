/** How pictures that are compared are looked at: all move and grow as one. */

export class PanZoom {
  /** The shift in shares of the picture's side, so that it means the same at any size. */
  private view = $state.raw({ zoom: 1, x: 0, y: 0 });

  /** As CSS. */
  get transform(): string {
    const { zoom, x, y } = this.view;
    return `translate(${x * 100}%, ${y * 100}%) scale(${zoom})`;
  }

  /** About the middle, between whole and 32 times as large. */
  zoom(factor: number): void {
    const zoom = Math.min(32, Math.max(1, this.view.zoom * factor));
    const scale = zoom / this.view.zoom;
    this.view = {
      zoom,
      ...(zoom === 1 ? { x: 0, y: 0 } : { x: this.view.x * scale, y: this.view.y * scale }),
    };
  }

  fit(): void {
    this.view = { zoom: 1, x: 0, y: 0 };
  }

  /** Hears pointer and wheel on a picture; what they do can be done by keys and buttons too. */
  readonly hear = (node: HTMLElement) => {
    const drag = (event: PointerEvent) => {
      if (event.buttons !== 1 || this.view.zoom === 1) return;
      const { width, height } = node.getBoundingClientRect();
      const { zoom, x, y } = this.view;
      this.view = { zoom, x: x + event.movementX / width, y: y + event.movementY / height };
    };
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    };
    node.addEventListener('pointermove', drag);
    node.addEventListener('wheel', wheel, { passive: false });
    return () => {
      node.removeEventListener('pointermove', drag);
      node.removeEventListener('wheel', wheel);
    };
  };
}
