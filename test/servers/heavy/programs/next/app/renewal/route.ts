import { serverAuth } from '../server-auth'

export const POST = (request: Request) => serverAuth().route(request)
