/** Amounts as people read them. */

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** In powers of 1000, as disks are sold; three digits at most. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power] ?? ''}`;
}

/** Hours and minutes, or seconds below a minute; the two largest units. */
export function formatDuration(seconds: number, locale: string): string {
  const part = (value: number, unit: 'hour' | 'minute' | 'second') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
  const whole = Math.round(seconds);
  if (whole < 60) return part(whole, 'second');
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return part(minutes, 'minute');
  return `${part(Math.floor(minutes / 60), 'hour')} ${part(minutes % 60, 'minute')}`;
}

/** How long ago a moment was, in its largest unit. */
export function formatAgo(moment: string, locale: string, now = Date.now()): string {
  const seconds = (Date.parse(moment) - now) / 1000;
  const steps = [
    [60, 'second', 1],
    [3600, 'minute', 60],
    [86_400, 'hour', 3600],
    [30 * 86_400, 'day', 86_400],
    [365 * 86_400, 'month', 30 * 86_400],
  ] as const;
  const [, unit, size] = steps.find(([limit]) => -seconds < limit) ?? ([0, 'year', 365 * 86_400] as const);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return format.format(unit === 'second' ? 0 : Math.round(seconds / size), unit);
}
