// Runs a function while every clock and source of randomness throws: what it returns is then a function of its
// arguments. The law gate runs a reducer so.

const forbidden = (name: string) => (): never => {
  throw new TypeError(`a reducer asks ${name}: its number would not be the same twice`);
};

export function forbidAmbient<T>(fn: () => T): T {
  const places: readonly (readonly [object, string])[] = [
    [Math, "random"],
    [performance, "now"],
    [process, "hrtime"],
    [globalThis, "Date"],
  ];
  const before = places.map(([where, name]): unknown => Reflect.get(where, name));
  try {
    for (const [where, name] of places) Reflect.set(where, name, forbidden(name));
    return fn();
  } finally {
    for (const [i, [where, name]] of places.entries()) Reflect.set(where, name, before[i]);
  }
}
