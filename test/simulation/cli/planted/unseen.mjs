// Sessions of which scripts do not see all: worlds of the family `unseen` catch these.
const family = 'unseen'

export const unseen = [
  {
    id: 'unseen-not-pending',
    mistake: 'A sign-out that the server has not confirmed leaves no word of that',
    file: 'src/core/doors.ts',
    find: '...(leaving.hidden && { pending: scope })',
    replace: '',
    expected: 'd',
    family,
  },
  {
    id: 'unseen-never-told-again',
    mistake: 'A sign-out that the server has not heard of is not told again',
    file: 'src/core/leaving.ts',
    find: 'if (!hidden || !keeper.memory().over?.pending) return',
    replace: 'if (hidden || !keeper.memory().over?.pending) return',
    expected: 'd',
    family,
  },
  {
    id: 'unseen-overtaken-cookie',
    mistake: 'A sign-in that a sign-out has overtaken leaves its cookie there',
    file: 'src/core/leaving.ts',
    find: 'if (session?.version || !over) return',
    replace: 'if (session?.version || over) return',
    expected: 'd',
    family,
  },
  {
    id: 'unseen-not-renewable',
    mistake: 'A session whose refresh token scripts do not see is taken for one that nothing renews',
    file: 'src/core/session.ts',
    find: 'cookie: true, access: usable',
    replace: 'cookie: false, access: usable',
    expected: 'a',
    family,
  },
  {
    id: 'unseen-not-usable',
    mistake: 'A session whose access token scripts do not see is taken for one without any',
    file: 'src/core/session.ts',
    find: "const usable = access === 'cookie' || !!accessToken",
    replace: 'const usable = access !== null && !!accessToken',
    expected: 'h',
    family,
  },
]
