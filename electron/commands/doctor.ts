/** `stillroom doctor`: what this computer offers the engine, measured. */
import { diagnose } from '../../engine/tensor/doctor.ts';
import { createPalette, wantsColour } from '../terminal/colour.ts';
import { renderDoctor } from '../terminal/doctor.ts';
import { parseWords, type Command } from './command.ts';

export const doctorCommand: Command = {
  summary: 'Measure the backends of this computer and say what is in the way.',
  usage: `stillroom doctor [--json]

  --json    the report as one JSON object`,
  async run({ words, json }) {
    parseWords(words, {});
    const report = await diagnose();
    const { stdout } = process;
    const width = Math.min(100, stdout.isTTY ? stdout.columns : 100);
    const text = () => renderDoctor(report, createPalette(wantsColour(stdout.isTTY)), width);
    stdout.write(json ? `${JSON.stringify(report)}\n` : text());
    return 0;
  },
};
