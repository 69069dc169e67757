/** Run as a process of its own: provisions the pin given as JSON and prints how often it had to download. */
import { provisionPin } from '../../engine/tensor/native/provision.ts';
import type { EnginePin, WheelPin } from '../../engine/tensor/native/pins.ts';

const pin = JSON.parse(process.argv[2] ?? '') as EnginePin;
// Regular expressions do not cross as JSON.
const wheels = pin.wheels.map((wheel): WheelPin => ({ ...wheel, libraries: /\.so\.2$/, headers: /\.h$/ }));
const phases = new Set<string>();
await provisionPin('cpu', { ...pin, wheels }, { onProgress: ({ phase }) => phases.add(phase) });
console.log([...phases].join(' '));
