// tedious against the embedded server: RPC for everything, prepared statements, cancelling, TLS that is checked.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { X509Certificate } = require('node:crypto');
const { isDeepStrictEqual } = require('node:util');
const { Request, TYPES: TEDIOUS } = require('tedious');
const { ask, connect, done, floatText, javascriptValue, listen, textOf, value } = require('./tedious_connection.js');

const TYPES = JSON.parse(fs.readFileSync(path.join(__dirname, 'types.json'), 'utf8'));
const FOLDER = process.env.CLIENTS_FOLDER;
const TABLE = 'dbo.ClientCheck_tedious';
const ALL_TABLES = 'SELECT s.name AS s, t.name AS t FROM sys.tables AS t INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id ORDER BY t.name';
const NAMES = TYPES.map((type) => type.name).join(', ');
const LONG = 'Ünïcödé 😀 '.repeat(1000);

let passed = 0;
let failed = 0;

function equal(what, found, expected) {
  if (isDeepStrictEqual(found, expected)) {
    passed += 1;
    console.log(`ok      tedious: ${what}`);
  } else {
    failed += 1;
    const shown = (it) => JSON.stringify(it)?.slice(0, 400);
    console.log(`FAILED  tedious: ${what}\n        expected ${shown(expected)}\n        found    ${shown(found)}`);
  }
}

async function refused(what, act, expected) {
  try {
    await act();
    equal(what, 'no error', expected);
  } catch (error) {
    const words = error.message.includes(expected.words) ? expected.words : error.message;
    equal(what, { code: error.code, number: error.number, words }, expected);
  }
}

const wanted = (type, row) => {
  const text = type.values[row][1];
  if (type.kind === 'float') return floatText(Number(text));
  return text;
};
const parameters = (row) => TYPES.map(({ name, kind, parameter: [type, options], values }) =>
  [name, type, row === null ? null : javascriptValue(kind, values[row][1]), options]);

async function logins() {
  await refused('a wrong password is a login failure', () => connect({ password: 'Not-The-Password-1' }),
    { code: 'ELOGIN', number: undefined, words: "Login failed for user 'sa'" });
  await refused('an unknown database is a login failure', () => connect({ database: 'Nowhere' }),
    { code: 'ELOGIN', number: undefined, words: 'Login failed' });
}

async function dump(connection) {
  const tables = {};
  for (const [schema, name] of (await ask(connection, ALL_TABLES)).sets[0].rows) {
    if (name.startsWith('ClientCheck')) continue;
    const { columns, rows } = (await ask(connection, `SELECT * FROM ${schema}.[${name}]`)).sets[0];
    tables[name] = {
      columns: columns.map((column) => column.colName),
      rows: rows.map((row) => row.map((cell, place) => textOf(cell, columns[place].type))),
    };
  }
  fs.writeFileSync(path.join(FOLDER, 'tedious.json'), JSON.stringify(tables));
  equal('at least 30 tables are read', Object.keys(tables).length >= 30, true);
}

async function types(connection) {
  const columns = TYPES.map((type) => `${type.name} ${type.declared} NULL`)
    .concat(TYPES.map((type) => `${type.name}Always ${type.declared} NOT NULL DEFAULT ${type.values[0][0]}`));
  await ask(connection, `CREATE TABLE ${TABLE} (Id int IDENTITY(1,1) NOT NULL PRIMARY KEY, ${columns.join(', ')})`);
  for (const row of [0, 1]) {
    await ask(connection, `INSERT INTO ${TABLE} (${NAMES}) VALUES (${TYPES.map((type) => type.values[row][0]).join(', ')})`);
  }
  await ask(connection, `INSERT INTO ${TABLE} DEFAULT VALUES`);
  const { columns: told, rows } = (await ask(connection, `SELECT * FROM ${TABLE} ORDER BY Id`)).sets[0];
  const all = [...TYPES, ...TYPES];
  for (const [place, row] of rows.entries()) {
    for (const [column, type] of all.entries()) {
      const { colName, type: kind } = told[column + 1];
      const expected = column >= TYPES.length ? wanted(type, 0) : place === 2 ? null : wanted(type, place);
      equal(`row ${place + 1}, ${colName} is ${String(expected).slice(0, 40)}`, textOf(row[column + 1], kind), expected);
    }
  }
  for (const [column, type] of all.entries()) {
    const { colName, type: kind, dataLength, precision, scale, flags } = told[column + 1];
    const nullable = column < TYPES.length;
    const found = [kind.name, dataLength ?? null, precision ?? null, scale ?? null, (flags & 1) === 1];
    equal(`${colName} is told as ${type.declared}`, found, [...type.tedious, nullable]);
  }
}

async function parametersBothWays(connection) {
  const places = TYPES.map((type) => `@${type.name}`).join(', ');
  for (const row of [0, 1, null]) {
    await ask(connection, `INSERT INTO ${TABLE} (${NAMES}) VALUES (${places})`, parameters(row));
    const { columns, rows } = (await ask(connection, `SELECT TOP (1) ${NAMES} FROM ${TABLE} ORDER BY Id DESC`)).sets[0];
    const echoed = (await ask(connection, `SELECT ${places}`, parameters(row))).sets[0];
    for (const [place, type] of TYPES.entries()) {
      const expected = row === null ? null : wanted(type, row);
      equal(`the parameter ${type.name} is stored as sent (${String(expected).slice(0, 40)})`, textOf(rows[0][place], columns[place].type), expected);
      const { type: kind, precision, scale } = echoed.columns[place];
      const found = [textOf(echoed.rows[0][place], kind), kind.name, precision ?? null, scale ?? null];
      equal(`and comes back as ${type.declared}`, found, [expected, type.tedious[0], ...type.tedious.slice(2)]);
    }
  }
  for (const [name, , found, options] of parameters(0)) {
    const type = TYPES.find((each) => each.name === name).parameter[0];
    equal(`the parameter ${name} finds what it wrote`, await value(connection, `SELECT COUNT(*) FROM ${TABLE} WHERE ${name} = @p`, [['p', type, found, options]]), 2);
  }
  for (const [type, words] of [['Time', 'time'], ['Money', 'money'], ['NText', 'ntext'], ['SmallDateTime', 'smalldatetime']]) {
    const sent = type === 'NText' ? 'x' : type === 'Money' ? 1 : new Date();
    await refused(`a parameter of type ${words} is refused by its name`, () => ask(connection, 'SELECT @p', [['p', type, sent]]),
      { code: 'EREQUEST', number: 40_000, words });
  }
}

async function results(connection) {
  const text = `SELECT 1 AS a; SELECT 2 AS b, N'x' AS c; UPDATE ${TABLE} SET Number = 3 WHERE Id <= 2`;
  for (const how of ['execSql', 'execSqlBatch']) {
    const { sets, counts } = await ask(connection, text, [], how);
    equal(`two result sets and their counts by ${how}`, [sets.map((set) => set.rows), counts], [[[[1]], [[2, 'x']]], [1, 1, 2]]);
  }
}

async function transactions(connection) {
  const other = await connect();
  const number = () => value(connection, `SELECT Number FROM ${TABLE} WHERE Id = 1`);
  await done(other, 'beginTransaction', 'named', 0x04);
  await ask(other, `UPDATE ${TABLE} SET Number = 11 WHERE Id = 1`);
  // A text by sp_executesql takes its SET options along when it ends; a batch leaves them.
  await ask(connection, 'SET LOCK_TIMEOUT 0', [], 'execSqlBatch');
  await refused('a second connection does not read what is not committed', number, { code: 'EREQUEST', number: 1222, words: 'Lock request time out' });
  await done(other, 'rollbackTransaction');
  equal('a rollback takes it back', await number(), 3);
  await done(other, 'beginTransaction');
  await ask(other, `UPDATE ${TABLE} SET Number = 12 WHERE Id = 1`);
  await done(other, 'commitTransaction');
  equal('a commit shows it to others', await number(), 12);
  await refused('a savepoint is refused by its name', async () => {
    await done(other, 'beginTransaction');
    await done(other, 'saveTransaction', 'here');
  }, { code: 'EREQUEST', number: 40_000, words: 'savepoint' });
  equal('the transaction is still open', await value(other, 'SELECT @@TRANCOUNT'), 1);
  await done(other, 'reset');
  equal('a reset connection has no transaction', await value(other, 'SELECT @@TRANCOUNT'), 0);
  other.close();
  const implicit = await connect({ enableImplicitTransactions: true });
  await ask(implicit, `UPDATE ${TABLE} SET Number = 13 WHERE Id = 1`, [], 'execSqlBatch');
  equal('an implicit transaction is open', await value(implicit, 'SELECT @@TRANCOUNT'), 1);
  await ask(implicit, 'IF @@TRANCOUNT > 0 ROLLBACK TRAN', [], 'execSqlBatch');
  equal('it is undone', await number(), 12);
  implicit.close();
}

async function errors(connection) {
  const told = async (what, text, expected) => {
    const error = await ask(connection, text, [], 'execSqlBatch').catch((each) => each);
    equal(what, [error.number, error.lineNumber, error.procName, error.class], expected);
  };
  await told('an unknown table is 208 in its line', '\n\nSELECT * FROM dbo.Nowhere', [208, 3, '', 16]);
  await told('a division by zero is 8134 in its line', '\nSELECT 1\nSELECT 1 / 0', [8134, 3, '', 16]);
  await ask(connection, `CREATE PROCEDURE ${TABLE}_Fail AS\nBEGIN\nSELECT 1 / 0\nEND`, [], 'execSqlBatch');
  await told('an error in a procedure tells both', `EXEC ${TABLE}_Fail`, [8134, 3, 'ClientCheck_tedious_Fail', 16]);
  await told('THROW gives its own number', "THROW 50123, N'as asked', 1", [50_123, 1, '', 16]);
  await refused('bulk load is refused by its name', () => new Promise((resolve, reject) => {
    const bulk = connection.newBulkLoad(TABLE, {}, (error) => (error ? reject(error) : resolve()));
    bulk.addColumn('Number', TEDIOUS.Int, { nullable: true });
    connection.execBulkLoad(bulk, [[1]]);
  }), { code: 'EREQUEST', number: 40_000, words: 'INSERT BULK' });
  equal('the connection goes on after errors', await value(connection, 'SELECT 1'), 1);
}

async function procedure(connection) {
  await ask(connection, `CREATE PROCEDURE ${TABLE}_Add (@a int, @b int OUTPUT, @c nvarchar(20) = N'd' OUTPUT) AS
    BEGIN SET NOCOUNT ON; SET @b = @a + @b; SET @c = @c + N'!😀'; SELECT @a AS a; RETURN 7 END`, [], 'execSqlBatch');
  const given = [['a', 'Int', 1], ['b', 'Int', 41, {}, true], ['c', 'NVarChar', 'q', { length: 20 }, true]];
  const { sets, outputs, status } = await ask(connection, `${TABLE}_Add`, given, 'callProcedure');
  equal('rows, OUTPUT parameters and status of a procedure', [sets[0].rows, outputs, status], [[[1]], { b: 42, c: 'q!😀' }, 7]);
  const text = await ask(connection, 'SET @b = @a * 2', [['a', 'Int', 21], ['b', 'Int', null, {}, true]]);
  equal('OUTPUT parameters of a text', text.outputs, { b: 42 });
}

async function prepared(connection) {
  const answer = { sets: [], counts: [], outputs: {} };
  let settle;
  const next = () => new Promise((resolve, reject) => { settle = (error) => (error ? reject(error) : resolve()); });
  const request = new Request('SELECT @a + 1 AS n', (error) => settle(error));
  request.addParameter('a', TEDIOUS.Int);
  listen(request, answer);
  let waiting = new Promise((resolve, reject) => { request.on('prepared', resolve); request.on('error', reject); });
  connection.prepare(request);
  await waiting;
  for (const a of [1, 41]) {
    waiting = next();
    connection.execute(request, { a });
    await waiting;
  }
  equal('a prepared statement is executed twice', answer.sets.map((set) => set.rows[0][0]), [2, 42]);
  waiting = next();
  connection.unprepare(request);
  await waiting;
  await refused('its handle is unknown after that', () => { waiting = next(); connection.execute(request, { a: 1 }); return waiting; },
    { code: 'EREQUEST', number: 8179, words: 'Could not find prepared statement' });
}

async function many(connection) {
  await ask(connection, `CREATE TABLE ${TABLE}_Many (Id int NOT NULL PRIMARY KEY, Words nvarchar(max) NULL)`);
  const rows = Array.from({ length: 1000 }, (_, number) => [number, `row ${number} ü`]);
  for (const [id, words] of rows) {
    await ask(connection, `INSERT INTO ${TABLE}_Many (Id, Words) VALUES (@id, @words)`, [['id', 'Int', id], ['words', 'NVarChar', words]]);
  }
  const read = (await ask(connection, `SELECT Id, Words FROM ${TABLE}_Many ORDER BY Id`)).sets[0].rows;
  equal('1,000 rows are written and read', isDeepStrictEqual(read, rows), true);
  for (const packetSize of [512, 4096, 32_767]) {
    const other = await connect({ packetSize });
    const words = await value(other, 'SELECT @words', [['words', 'NVarChar', LONG]]);
    equal(`${LONG.length} units with emoji go both ways in packets of ${packetSize}`, words === LONG, true);
    other.close();
  }
}

async function cancelled(connection) {
  await refused('a request can be cancelled', () => new Promise((resolve, reject) => {
    const request = new Request('WHILE 1 = 1 SELECT 1 AS a', (error) => (error ? reject(error) : resolve()));
    request.once('row', () => request.cancel());
    connection.execSql(request);
  }), { code: 'ECANCEL', number: undefined, words: 'Canceled' });
  equal('and its connection is usable after that', await value(connection, 'SELECT 5'), 5);
}

async function encrypted() {
  const ca = new X509Certificate(fs.readFileSync(path.join(FOLDER, 'server.der'))).toString();
  const trusting = { encrypt: true, trustServerCertificate: false, cryptoCredentialsDetails: { ca } };
  const connection = await connect(trusting);
  equal('TLS with a certificate that is checked', await value(connection, 'SELECT LEN(@a)', [['a', 'NVarChar', 'ü'.repeat(40_000)]]), '40000');
  connection.close();
  await refused('a certificate that nobody vouches for is not taken', () => connect({ encrypt: true, trustServerCertificate: false }),
    { code: 'ESOCKET', number: undefined, words: 'self-signed certificate' });
}

async function main() {
  const connection = await connect();
  const steps = [logins, dump, types, parametersBothWays, results, transactions, errors, procedure, prepared, many, cancelled, encrypted];
  for (const step of steps) {
    await step(connection).catch((error) => equal(step.name, `${error.name} ${error.code} ${error.message}`, 'no error'));
  }
  connection.close();
  console.log(`tedious: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main();
