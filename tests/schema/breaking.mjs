// Breaking changes between two schemas: node breaking.mjs BEFORE AFTER. Exits with 1 if there are any.
import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const [before, after] = process.argv.slice(2).map((file) => buildSchema(readFileSync(file, 'utf8')));
for (const { type, description } of findDangerousChanges(before, after)) console.log(`dangerous ${type}: ${description}`);
const breaking = findBreakingChanges(before, after);
for (const { type, description } of breaking) console.log(`breaking ${type}: ${description}`);
process.exitCode = breaking.length === 0 ? 0 : 1;
