// What a server's program is told by its environment; see `startServerProgram`.
const { PORT, PUBLIC_URL, APP_ORIGIN, ACCESS_LIFE, DATA, PEOPLE } = process.env

export const port = Number(PORT)
export const publicUrl = PUBLIC_URL
export const appOrigin = APP_ORIGIN
/** Seconds. */
export const accessLife = Number(ACCESS_LIFE)
/** A folder for the database. */
export const folder = DATA
/** Name, e-mail address and password of everybody who has an account. */
export const people = JSON.parse(PEOPLE)

export const profile = ({ email, name }) => ({ id: name.toLowerCase(), email, name })

/** Says that the server answers. */
export const ready = () => process.stdout.write('ready\n')
