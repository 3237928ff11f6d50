// Several works side by side, none of which outlives a failure of another.

/** As Promise.all, but it ends when all have ended: after a failure is told, nothing works on behind the caller's back. */
export async function together<Works extends readonly unknown[] | []>(
  works: Works,
): Promise<{ -readonly [At in keyof Works]: Awaited<Works[At]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
