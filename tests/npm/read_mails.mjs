// Prints what two parsers read of each mail in a folder: {"one.eml": {"mailparser": {subject, from, to, text, html, names}, "postal-mime": …}}.
import fs from 'node:fs';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';

const asWritten = { skipTextToHtml: true, skipHtmlToText: true, skipTextLinks: true, skipImageLinks: true };
const mailbox = ({ name, address }) => ({ name, address });
const sorted = (names) => [...new Set(names)].sort();
const body = (text) => text.replace(/\n$/, ''); // postal-mime leaves the line break that is the boundary's (RFC 2046 5.1.1)

async function byMailparser(mail) {
  const { headerLines, subject, from, to, text, html } = await simpleParser(mail, asWritten);
  const names = sorted(headerLines.map((one) => one.key));
  return { subject, from: mailbox(from.value[0]), to: mailbox(to.value[0]), text, html, names };
}

async function byPostalMime(mail) {
  const { headers, subject, from, to, text, html } = await PostalMime.parse(mail);
  const names = sorted(headers.map((one) => one.key));
  return { subject, from: mailbox(from), to: mailbox(to[0]), text: body(text), html: body(html), names };
}

const folder = process.argv[2];
const found = {};
for (const name of fs.readdirSync(folder).filter((one) => one.endsWith('.eml'))) {
  const mail = fs.readFileSync(path.join(folder, name));
  found[name] = { mailparser: await byMailparser(mail), 'postal-mime': await byPostalMime(mail) };
}
process.stdout.write(JSON.stringify(found));
