// tedious with promises instead of events, and one text for a value, the same as checks.py gives.
'use strict';

const { Connection, Request, TYPES } = require('tedious');

const SERVER = JSON.parse(process.env.CLIENTS_SERVER);

function connect({ password = SERVER.password, database = SERVER.database, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const connection = new Connection({
      server: 'localhost',
      authentication: { type: 'default', options: { userName: SERVER.user, password } },
      options: { port: SERVER.port, database, encrypt: false, requestTimeout: 30_000, useUTC: true, ...options },
    });
    connection.on('error', () => {}); // told to the request that was under way as well
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

// Runs a text or a procedure. `how` is tedious's method; a parameter is [name, type, value, options, isOutput].
function ask(connection, text, parameters = [], how = 'execSql') {
  return new Promise((resolve, reject) => {
    const answer = { sets: [], counts: [], outputs: {}, messages: [] };
    const request = new Request(text, (error, count) => (error ? reject(error) : resolve({ ...answer, count })));
    for (const [name, type, value, options, isOutput] of parameters) {
      request[isOutput ? 'addOutputParameter' : 'addParameter'](name, TYPES[type], value, options);
    }
    listen(request, answer);
    connection[how](request);
  });
}

function listen(request, answer) {
  request.on('columnMetadata', (columns) => answer.sets.push({ columns, rows: [] }));
  request.on('row', (row) => answer.sets.at(-1).rows.push(row.map((cell) => cell.value)));
  request.on('returnValue', (name, value) => { answer.outputs[name] = value; });
  request.on('doneProc', (count, more, status) => { answer.status = status; });
  request.on('done', (count) => answer.counts.push(count));
  request.on('doneInProc', (count) => answer.counts.push(count));
}

// What one of tedious's methods with a callback at the end comes to.
function done(connection, method, ...rest) {
  return new Promise((resolve, reject) => connection[method]((error, value) => (error ? reject(error) : resolve(value)), ...rest));
}

async function value(connection, text, parameters) {
  const { sets } = await ask(connection, text, parameters);
  return sets[0].rows[0][0];
}

const two = (number, digits) => String(number).padStart(digits, '0');

function floatText(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  return `float ${bytes.toString('hex')}`;
}

// tedious gives every moment as a Date (milliseconds), and what is finer beside it, in seconds.
function momentText(date) {
  const micros = Math.floor(Math.round((date.nanosecondsDelta ?? 0) * 1e7) / 10);
  const [day, time] = date.toISOString().split('T');
  return `${day.slice(-10)}T${time.slice(0, 12)}${two(micros, 3)}`;
}

function textOf(found, type) {
  if (found === null) return null;
  if (typeof found === 'boolean') return found ? 'true' : 'false';
  if (Buffer.isBuffer(found)) return `0x${found.toString('hex')}`;
  switch (type.name) {
    case 'FloatN': return floatText(found);
    case 'UniqueIdentifier': return found.toLowerCase();
    case 'Date': return found.toISOString().slice(0, 10);
    case 'DateTimeOffset': return `${momentText(found)}Z`;
    case 'DateTime2': case 'DateTimeN': return momentText(found);
    default: return String(found);
  }
}

// The value to send for a text of types.json.
function javascriptValue(kind, text) {
  switch (kind) {
    case 'bit': return text === 'true';
    case 'float': case 'decimal': return Number(text);
    case 'bytes': return Buffer.from(text.slice(2), 'hex');
    case 'date': return new Date(`${text}T00:00:00Z`);
    case 'moment': return moment(`${text}Z`);
    case 'offset': return moment(text);
    default: return text; // whole numbers too: a bigint is more than a number of JavaScript holds
  }
}

function moment(text) {
  const date = new Date(text);
  date.nanosecondDelta = Number(`0.000${/\.\d{3}(\d*)/.exec(text)[1]}`); // read under this name, given under another
  return date;
}

module.exports = { SERVER, ask, connect, done, floatText, javascriptValue, listen, textOf, value };
