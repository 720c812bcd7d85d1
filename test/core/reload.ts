import { createWorld, type World } from './world.ts'

/** A world whose storage holds the session of an earlier page. */
export async function reloaded(prepare: (world: World) => void = () => {}): Promise<World> {
  const world = createWorld()
  prepare(world)
  const { auth } = world.open()
  await auth.signIn({})
  auth.dispose()
  return world
}
