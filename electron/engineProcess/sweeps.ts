/** What sweeps ask of the engine's process: measuring students and teachers, and what runs will cost. */
import { parseRecipe } from '../../engine/contract/recipe.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import type { HandlerContext } from '../bridge/api.ts';
import { measureBaseline } from '../features/sweeps/measuredCells.ts';
import { Measurer, type MeasurerPlan, type Values } from '../features/sweeps/measurer.ts';
import { rehearse } from '../features/sweeps/rehearsal.ts';
import type { RunCosts, TeacherCosts } from '../features/sweeps/runCosts.ts';
import type { BaselineMeasuring, SweepRehearsal } from './messages.ts';

export class SweepWork {
  private kept: { readonly name: string; readonly measurer: Measurer } | undefined;

  /** The newest one is kept, with its references. */
  async measurer(plan: MeasurerPlan): Promise<Measurer> {
    const name = JSON.stringify(plan);
    if (this.kept?.name === name) return this.kept.measurer;
    this.kept?.measurer.dispose();
    this.kept = undefined;
    const measurer = await Measurer.open(plan);
    this.kept = { name, measurer };
    return measurer;
  }

  async baseline({ plan, steps, guidance, seed, pictureFile }: BaselineMeasuring): Promise<Values> {
    return measureBaseline(await this.measurer(plan), { steps, guidance }, seed, pictureFile);
  }

  /** What the teacher's samples cost, and runs of each kind. */
  async rehearse(
    { plan, seed, works }: SweepRehearsal,
    backend: ActiveBackend,
    { signal, progress }: HandlerContext,
  ): Promise<{ teacher: TeacherCosts; costs: Record<string, RunCosts> }> {
    const measurer = await this.measurer(plan);
    const total = Object.keys(works).length + 1;
    const teacher = await measurer.timeTeacher(seed);
    progress(1, total);
    const costs: Record<string, RunCosts> = {};
    for (const [key, recipe] of Object.entries(works)) {
      costs[key] = await rehearse(parseRecipe(recipe), measurer, backend, signal);
      progress(1 + Object.keys(costs).length, total);
    }
    return { teacher, costs };
  }
}
