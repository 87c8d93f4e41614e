// A mail server for tests, that speaks as much SMTP as a client needs: takes messages, refuses
// recipients, stalls, and drops connections amid a message.
import net from 'node:net';

// `behave` may hold { refuse: code, stall: true, drop: 'data' | 'accepted' }, and may be changed while it runs.
export async function mailServer(behave = {}) {
  const messages = [];
  const tries = [];
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let rest = '';
    let envelope = { from: '', to: [] };
    let inData = false;
    const say = (line) => socket.write(`${line}\r\n`);
    if (behave.stall) return;
    say('220 mail.test ESMTP');
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (;;) {
        if (inData) {
          if (behave.drop === 'data') { socket.destroy(); return; }
          const end = rest.indexOf('\r\n.\r\n');
          if (end < 0) return;
          const text = rest.slice(0, end + 2).replace(/^\.\./gm, '.');
          rest = rest.slice(end + 5);
          inData = false;
          messages.push({ ...envelope, text: Buffer.from(text, 'latin1').toString('utf8') });
          envelope = { from: '', to: [] };
          if (behave.drop === 'accepted') { socket.destroy(); return; }
          say('250 taken');
          continue;
        }
        const at = rest.indexOf('\r\n');
        if (at < 0) return;
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        if (/^(EHLO|HELO)/i.test(line)) { say('250-mail.test'); say('250 8BITMIME'); }
        else if (/^MAIL FROM:/i.test(line)) { envelope.from = /<(.*)>/.exec(line)[1]; say('250 fine'); }
        else if (/^RCPT TO:/i.test(line)) {
          const to = /<(.*)>/.exec(line)[1];
          tries.push(to);
          if (behave.refuse) say(`${behave.refuse} not here`);
          else { envelope.to.push(to); say('250 fine'); }
        } else if (/^DATA/i.test(line)) { inData = true; say('354 go on'); }
        else if (/^QUIT/i.test(line)) { say('221 bye'); socket.end(); }
        else if (/^(RSET|NOOP)/i.test(line)) say('250 fine');
        else say('502 what?');
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `smtp://127.0.0.1:${server.address().port}`,
    messages,
    tries,
    behave,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(done));
    },
  };
}

// Quoted-printable back to text.
export function decodeQuoted(text) {
  const bytes = text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

// A header of a message, encoded words undone.
export function header(text, name) {
  const unfolded = text.split('\r\n\r\n')[0].replace(/\r\n[ \t]+/g, ' ');
  const line = unfolded.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}: `));
  if (!line) return undefined;
  return line.slice(name.length + 2).replace(/(=\?UTF-8\?B\?[^?]*\?=)(\s+(?==\?))?/g, (_, word) => word)
    .replace(/(?:=\?UTF-8\?B\?([^?]*)\?=)+/g, (words) => Buffer.concat([...words.matchAll(/\?B\?([^?]*)\?=/g)].map(([, part]) => Buffer.from(part, 'base64'))).toString('utf8'));
}

// The secret at the end of a link to that page in a message.
export const linkSecret = (text, page) => new RegExp(`/${page}/([0-9A-Za-z]{43})`).exec(decodeQuoted(text))?.[1];
