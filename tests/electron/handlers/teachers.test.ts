import { expect, it } from 'vitest';
import { guidanceOf } from '../../../electron/handlers/teachers.ts';

const toy = (classes: number) => ({ family: 'mlp', dimensions: 2, width: 16, layers: 1, classes }) as const;

it('tells in advance whether guidance can work', () => {
  const trained = (conditionDropout: number) => ({ recipe: { conditionDropout } });
  expect(guidanceOf({ network: toy(8), made: trained(0.1) })).toBe('usable');
  expect(guidanceOf({ network: toy(8), made: trained(0) })).toBe('no-dropout');
  // The last of several recipes counts.
  expect(guidanceOf({ network: toy(8), made: { phases: [trained(0), trained(0.1)] } })).toBe('usable');
  expect(guidanceOf({ network: toy(1), made: trained(0.1) })).toBe('no-condition');
  expect(guidanceOf({ network: toy(8), made: { seconds: 3 } })).toBe('unknown');
});
