// A part of the platform whose code is loaded with its first use: a function pays for no more than it touches.

type AsyncMethod = (...parameters: never[]) => Promise<unknown>;

/** The names of a part's methods that return promises. */
type AsyncMethodsOf<Part> = { [Name in keyof Part]: Part[Name] extends AsyncMethod ? Name : never }[keyof Part];

/**
 * The methods `names` of a part that `open` opens, once, with the first call. An opening that failed is tried again.
 */
export function lazily<Part, Name extends AsyncMethodsOf<Part>>(
  open: () => Promise<Part>,
  names: readonly Name[],
): Pick<Part, Name> {
  let opening: Promise<Part> | undefined;
  const opened = () =>
    (opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    }));
  const forwarded = names.map((name) => [
    name,
    async (...parameters: never[]) => {
      const part = await opened();
      return (part[name] as AsyncMethod).apply(part, parameters);
    },
  ]);
  return Object.fromEntries(forwarded) as Pick<Part, Name>;
}
