// Bytes over TLS, as they are: for requests that no HTTP library would send.
import tls from 'node:tls';

// An open TLS connection with all that came in `received`.
export function connect(server, options = {}) {
  return new Promise((done, fail) => {
    const socket = tls.connect({
      host: '127.0.0.1', port: server.port, rejectUnauthorized: false, ...options,
    });
    const chunks = [];
    const connection = {
      socket,
      received: () => Buffer.concat(chunks).toString('latin1'),
      closed: new Promise((ended) => socket.once('close', ended)),
    };
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('secureConnect', () => done(connection));
    socket.on('error', (error) => {
      connection.error = error;
      fail(error);
    });
  });
}

// Sends the bytes and reads until the server closes or nothing came for `quiet_ms`.
// Answers { text, closed, answers: [{ status, headers, body }] }.
export async function exchange(server, bytes, { quiet_ms = 600, options } = {}) {
  const connection = await connect(server, options);
  connection.socket.write(bytes);
  let closed = false;
  connection.closed.then(() => { closed = true; });
  let length = -1;
  while (!closed && connection.received().length !== length) {
    length = connection.received().length;
    await Promise.race([connection.closed, pause(quiet_ms)]);
  }
  connection.socket.destroy();
  const text = connection.received();
  return { text, closed, answers: parse(text) };
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Splits a stream of answers by their Content-Length.
export function parse(text) {
  const answers = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.1 ')) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [first, ...lines] = rest.slice(0, end).split('\r\n');
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const length = Number(headers['content-length'] ?? 0);
    answers.push({
      status: Number(first.split(' ')[1]),
      headers,
      body: rest.slice(end + 4, end + 4 + length),
    });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}
