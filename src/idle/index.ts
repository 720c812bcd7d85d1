export { type IdleLimit, type IdleOptions, type IdlePorts, type IdleWatch, idleLimit } from './idle-limit.ts'
