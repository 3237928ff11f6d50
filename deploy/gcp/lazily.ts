// Parts of the platform whose code is loaded with their first use: a function pays for no more than it touches.

type AsyncMethod = (...parameters: never[]) => Promise<unknown>;

/** The names of a part's methods that return promises. */
type AsyncMethodsOf<Part> = { [Name in keyof Part]: Part[Name] extends AsyncMethod ? Name : never }[keyof Part];

/** A part that `open` opens when it is first asked for. An opening that failed is tried again. */
export interface Lazy<Part> {
  /** The methods of that name, which open the part first. */
  methods<Name extends AsyncMethodsOf<Part>>(...names: readonly Name[]): Pick<Part, Name>;
  /** The part where it is open, or being opened; undefined where nobody has asked. */
  readonly opened: Promise<Part> | undefined;
}

export function lazily<Part>(open: () => Promise<Part>): Lazy<Part> {
  let opened: Promise<Part> | undefined;
  const part = () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  return {
    get opened() {
      return opened;
    },
    methods(...names) {
      const forwarded = names.map((name) => [
        name,
        async (...parameters: never[]) => ((await part())[name] as AsyncMethod)(...parameters),
      ]);
      return Object.fromEntries(forwarded) as Pick<Part, (typeof names)[number]>;
    },
  };
}
