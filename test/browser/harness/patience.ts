/**
 * How long (ms) the harness waits for anything before it gives up. It is there so that what never happens is told of with its reason, and so long
 * that the load of the machine never decides: how fast the kit must be, the tests themselves measure.
 */
export const PATIENCE = 240_000
