import { server } from '../server-auth.server'

export const action = ({ request }: { request: Request }) => server.route(request)
