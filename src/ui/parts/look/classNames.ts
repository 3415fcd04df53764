// Joins the classes of an element. CSS modules type a name as perhaps missing; what is missing is left out.

export function classNames(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
