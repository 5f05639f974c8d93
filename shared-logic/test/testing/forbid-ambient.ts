// Runs a function while every clock and source of randomness throws: what it returns is then a
// function of its arguments.

const forbidden = (name: string) => (): never => {
  throw new TypeError(`${name} is forbidden here`);
};

export function forbidAmbient<T>(fn: () => T): T {
  const places: [object, string][] = [
    [Date, "now"],
    [Math, "random"],
    [performance, "now"],
    [process, "hrtime"],
    [globalThis, "Date"],
  ];
  const before = places.map(([where, name]) => Reflect.get(where, name));
  try {
    for (const [where, name] of places) Reflect.set(where, name, forbidden(name));
    return fn();
  } finally {
    places.forEach(([where, name], i) => {
      Reflect.set(where, name, before[i]);
    });
  }
}
