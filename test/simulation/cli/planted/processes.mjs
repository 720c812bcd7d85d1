// Mistakes of the host of processes: the sealed file, its lock, its watcher, the note of a renewal.
const FILE = 'src/node/sealed/sealed-file.ts'
const SAFE = 'src/node/sealed/safe-file.ts'
const NOTE = '!box.write({ session, renewing: newNote() }, stands)'
const SAME = '!sameCredentials(session, tokens) || '

export const processes = [
  {
    id: 'no-process-lock',
    mistake: 'Processes renew without the lock',
    file: 'src/node/lock/process-lock.ts',
    find: 'await takeSeat(folder, short, signal)',
    replace: '() => {}',
    expected: 'b',
  },
  {
    id: 'lock-by-path',
    mistake: 'The lock is named by where a process sees the file',
    file: FILE,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
    find: 'key: `file:${basename(path)}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
    replace: 'key: `file:${path}`',
    expected: 'b',
  },
  {
    id: 'lock-of-the-dead',
    mistake: 'Who finds the lock of a dead process takes it, though another has done so meanwhile',
    file: 'src/node/lock/seats.ts',
    find: 'if (!link(outside, seat(last + 1))) continue',
    replace: 'link(outside, seat(last + 1))',
    and: [{ file: 'src/node/lock/seats.ts', find: 'if (top() === last + 1) {', replace: 'if (last + 1) {' }],
    expected: 'b',
  },
  {
    id: 'note-not-written',
    mistake: 'A renewal is not noted',
    file: FILE,
    find: NOTE,
    replace: '!stands()',
    expected: 'l',
  },
  {
    id: 'note-not-deleted',
    mistake: 'The note stays when the new tokens are saved',
    file: 'src/node/host-storage.ts',
    find: 'same && !isLater(session, before) ? renewing : null',
    replace: 'renewing',
    expected: 'l',
  },
  {
    id: 'renamed-before-synced',
    mistake: 'The file is renamed before it is synced',
    file: SAFE,
    find: '    fsyncSync(file)\n',
    replace: '',
    expected: 'k',
  },
  {
    id: 'folder-not-synced',
    mistake: 'The rename is not synced',
    file: SAFE,
    find: "    syncFolder(path)\n    step('durable')\n",
    replace: '',
    expected: 'k',
  },
  {
    id: 'open-to-all',
    mistake: 'The file is open to everybody of the computer',
    file: SAFE,
    find: "openSync(temporary, 'wx', 0o600)",
    replace: "openSync(temporary, 'wx', 0o644)",
    expected: 'k',
  },
  {
    id: 'no-read-under-process-lock',
    mistake: 'The file is not read again once the lock is held, neither by the engine nor for the note',
    file: 'src/core/renewal.ts',
    find: '      who.throwIfAborted()\n      await tabs.look()\n      who.throwIfAborted()\n',
    replace: '      who.throwIfAborted()\n',
    and: [{ file: FILE, find: `${SAME}${NOTE}`, replace: '!box.write({ session, renewing: newNote() })' }],
    expected: 'l',
  },
  {
    id: 'watcher-ignored',
    mistake: 'What the system tells of the file is not heard',
    file: 'src/node/sealed/watch-file.ts',
    find: 'if (file === null || file === name) changed()',
    replace: 'if (file === null) changed()',
    expected: 'h',
  },
  {
    id: 'old-writer',
    mistake: 'What could not be saved is saved later, over what is newer',
    file: FILE,
    find: 'if (!isLater(before.session, session))\n      box.write(withSession(before, session), () => !isLater(current().session, session))',
    replace: 'box.write(withSession(before, session))',
    expected: 'k',
  },
  {
    id: 'not-saved-again',
    mistake: 'What could not be saved is not tried again',
    file: 'src/node/create-node-auth.ts',
    find: "const leave = auth.on('storage_failed', wait)",
    replace: "const leave = auth.on('storage_failed', () => {})",
    expected: 'k',
  },
  {
    id: 'watch-left',
    mistake: 'dispose() leaves the watch',
    file: 'src/node/sealed/watch-file.ts',
    find: '  return () => {\n    watcher?.close()\n',
    replace: '  return () => {\n',
    expected: 'i',
  },
].map((mistake) => ({ ...mistake, family: 'process' }))
