// ClickHouse's JavaScript client against the interface; prints one JSON object of what it got.
import { createClient } from '@clickhouse/client'

const client = createClient({
  url: process.env.QUERY_URL,
  username: 'default',
  password: 'ignored',
  request_timeout: 20000,
  compression: { response: process.env.QUERY_COMPRESSION === '1', request: false },
  clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
})

const rows = async (query, extra = {}) => (await client.query({ query, format: 'JSONEachRow', ...extra })).json()
const refusal = async (work) => {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return `${error.code} ${error.type}`
  }
}

const streamed = await client.query({ query: 'SELECT number FROM numbers(50000)', format: 'JSONCompactEachRow' })
let streamedRows = 0
for await (const part of streamed.stream()) streamedRows += part.length

console.log(
  JSON.stringify({
    ping: (await client.ping()).success,
    pingSelect: (await client.ping({ select: true })).success,
    count: await rows('SELECT count() AS n FROM query_costs'),
    json: (await (await client.query({ query: 'SELECT 1 AS a', format: 'JSON' })).json()).data,
    parameters: await rows('SELECT {s:String} AS s, {a:Array(String)} AS a, {d:Date} AS d', {
      query_params: { s: "it's\ta \\ b\n", a: ["x'y", '\t'], d: '2026-10-01' },
    }),
    form: await rows('SELECT length({s:String}) AS n', { query_params: { s: 'x'.repeat(20000) }, use_multipart_params: true }),
    queryId: (await client.query({ query: 'SELECT 1', query_id: 'from-node' })).query_id,
    settings: await rows("SELECT toString(getSetting('max_result_rows')) AS n", { clickhouse_settings: { max_result_rows: '7' } }),
    streamedRows,
    unknownTable: await refusal(() => rows('SELECT * FROM nope')),
    insert: await refusal(() => client.insert({ table: 'query_costs', values: [{ team: 'x' }], format: 'JSONEachRow' })),
    command: await refusal(() => client.command({ query: 'DROP TABLE query_costs' })),
    exec: await refusal(() => client.exec({ query: "SELECT 1 INTO OUTFILE '/tmp/never'" })),
  }),
)
await client.close()
