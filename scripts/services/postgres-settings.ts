/**
 * What docker-compose.yml sets for its PostgreSQL: benchmarks measure what is run. 512 MB of buffers hold the pages of
 * indexes that every document touches; the server's own 128 MB do not once a million are stored.
 */
export const COMPOSE_SETTINGS = { max_connections: '300', shared_buffers: '512MB' } as const
