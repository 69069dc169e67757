/** Means with the halves of their intervals, as tables and sentences show them. */
import type { Interval } from '../../../engine/contract/interval.ts';

/** `0.142 ± 0.011`; an em dash where nothing was measured. */
export function formatInterval(interval: Interval | null | undefined): string {
  if (!interval) return '—';
  const { mean, margin } = interval;
  return margin === null || margin === 0 ? digits(mean, 3) : `${digits(mean, 3)} ± ${digits(margin, 2)}`;
}

const digits = (value: number, count: number) => String(Number(value.toPrecision(count)));
