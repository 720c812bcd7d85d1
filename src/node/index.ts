// The entry of a process: `keyturn/node`. Nothing here runs in a browser.
export {
  type Checkpoint,
  type CheckpointItem,
  type CheckpointOptions,
  type CheckpointRun,
  type CheckpointStore,
  checkpoint,
} from './batch/checkpoint.ts'
export { fileCheckpoints } from './batch/file-checkpoints.ts'
export { type PostgresCheckpointsOptions, postgresCheckpoints } from './batch/postgres-checkpoints.ts'
export { createNodeAuth, type NodeAuth, type NodeAuthOptions } from './create-node-auth.ts'
export type { Boss, BossSendOptions } from './fleet/boss.ts'
export { createFleet, type Fleet, type FleetKeeperOptions, type FleetOptions } from './fleet/create-fleet.ts'
export type { HostStorage, RenewalNote } from './host-storage.ts'
export { createKeeper } from './keeper/create-keeper.ts'
export type {
  Fault,
  HookContext,
  Keeper,
  KeeperEvents,
  KeeperMemory,
  KeeperMetrics,
  KeeperOptions,
  KeeperPlace,
  KeeperStatus,
  Notice,
  Run,
  RunOutcome,
} from './keeper/types.ts'
export { processLock } from './lock/process-lock.ts'
export { type NodePortsOptions, nodePorts, systemClock } from './node-ports.ts'
export type { PgClient, PgPool, PgResult } from './postgres/pool.ts'
export { type PostgresStorage, type PostgresStorageOptions, postgresStorage } from './postgres/postgres-storage.ts'
export { postgresSchema } from './postgres/statements.ts'
export { createSealKey, type SealKey, type SealKeys } from './sealed/key-ring.ts'
export { type SealedProblem, sealedProblem } from './sealed/problem.ts'
export type { WriteStep } from './sealed/safe-file.ts'
export { type SealedBox, type SealedBoxOptions, sealedBox } from './sealed/sealed-box.ts'
export { type SealedFile, type SealedFileOptions, sealedFile } from './sealed/sealed-file.ts'
