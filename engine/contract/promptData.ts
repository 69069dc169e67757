/** Data without pictures, as DMD allows: the teacher is the only thing that a student learns from. */

/** The classes of the teacher, as a recipe's `data`. */
export const CLASSES_DATA = 'classes';

/** Whether `data` names no pictures: the teacher's classes, a text of prompts, or `prompts:<id>` for one added. */
export const isPromptData = (data: string): boolean =>
  data === CLASSES_DATA || /^prompts:/.test(data) || /\.txt$/i.test(data);
