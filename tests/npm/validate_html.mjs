// Prints what html-validate has against each page in a folder: {"one.html": ["no-dup-id, line 3: …"]}.
import fs from 'node:fs';
import path from 'node:path';
import { HtmlValidate } from 'html-validate';

const rules = { 'no-deprecated-attr': 'off' }; // align, cellpadding: Outlook reads no style instead
const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard'], elements: ['html5'], rules });

const folder = process.argv[2];
const found = {};
for (const name of fs.readdirSync(folder).filter((one) => one.endsWith('.html'))) {
  const report = await validator.validateString(fs.readFileSync(path.join(folder, name), 'utf8'));
  const faults = report.results.flatMap((one) => one.messages);
  found[name] = faults.map((one) => `${one.ruleId}, line ${one.line}: ${one.message}`);
}
process.stdout.write(JSON.stringify(found));
