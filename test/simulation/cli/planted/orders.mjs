// Which session is the later one. `walk`: only the exhaustive walk finds it.
export const orders = [
  {
    id: 'fight',
    mistake: 'Nothing tells which of two sign-ins is the later one: each tab takes its own for it, and writes it back',
    file: 'src/core/reconcile.ts',
    find: "return lacks || !found.order || outranks(mine, found) ? 'older' : 'same'",
    replace: "return !same || lacks || !found.order || outranks(mine, found) ? 'older' : 'same'",
    and: [
      {
        file: 'src/core/reconcile.ts',
        find: 'if (found.order ? outranks(found, mine) :',
        replace: 'if (found.order ? same && outranks(found, mine) :',
      },
      {
        file: 'src/core/vault.ts',
        find: "else if (found && outranks(found, what)) return 'late'",
        replace: '',
      },
    ],
    expected: 'g',
  },
]
