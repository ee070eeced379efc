/** Wishes as people kept them until now: a text file, one set a line, `10497 Galaxy Explorer`. */
export const readLegacyNotes = (text: string): { setNumber: string; title: string }[] =>
  text
    .split('\n')
    .map(line => /^(\d+)\s+(.+)$/.exec(line.trim()))
    .flatMap(found => (found?.[1] && found[2] ? [{ setNumber: found[1], title: found[2] }] : []))
