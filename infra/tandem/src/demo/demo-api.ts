// Where the demo's own client sends and asks.

export interface DemoApi {
  readonly url: string;
  readonly key: string;
}
