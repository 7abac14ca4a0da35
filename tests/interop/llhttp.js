// llhttp.js - asks llhttp and a gateway about the same bytes
//
// Usage: node llhttp.js PORT CORPUS COUNT
// Takes the corpus of the fuzzer (two octets, then the bytes), and COUNT variations of it made by chance, always the
// same chance. llhttp, node's own and strict, counts the requests that it takes before it refuses. The gateway may
// take as many before its first refusal, and no more: what it takes has an answer of another status than those of a
// refusal. Prints what differs, and exits with 1 then.
//
// SPDX-License-Identifier: MPL-2.0
'use strict';

const fs = require ('fs');
const net = require ('net');
const path = require ('path');
const { HTTPParser } = process.binding ('http_parser');

const [port, corpus, count] = [Number (process.argv [2]), process.argv [3], Number (process.argv [4])];
const REFUSALS = new Set ([400, 408, 413, 414, 417, 431, 501, 505]);
const EARLY = new Set ([204, 404, 405]);    // Answered before the body is looked at; a bad body then ends the connection
const AT_ONCE = 32;

//  A small generator, so that each run asks the same.
let seed = 12345;
function below (limit)
{
    seed = (Math.imul (seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % limit;
}

//  What smuggling is made of.
const SPICE = ['\r', '\n', '\r\n', '\0', ' ', '\t', ':', ';', ',', '=', '"', '\x0b', '\x0c', '\x7f', '\x80', '\xa0',
    '0', '-1', '+1', '0x1', 'chunked', 'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip\r\n', 'Content-Length: 5\r\n',
    'Content-Length: 6\r\n', 'Host: b\r\n', ' HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'Connection: close\r\n', 'GET / ', '\r\n\r\n',
    'X: y\r\n', '#', '%00', '/', '*', 'ffffffffffffffff', 'Content-Length', '_'].map ((text) => Buffer.from (text, 'latin1'));

function varied (bytes)
{
    for (let changes = 1 + below (3); changes > 0; changes--) {
        const at = below (bytes.length + 1);
        const cut = Math.min (bytes.length, at + [0, 0, 1, 1, 2, 9] [below (6)]);
        const spice = below (4) ? SPICE [below (SPICE.length)] : Buffer.alloc (0);
        bytes = Buffer.concat ([bytes.subarray (0, at), spice, bytes.subarray (cut)]);
    }
    return bytes;
}

//  How many requests llhttp takes, and whether it refuses what follows them.
function ask_llhttp (bytes)
{
    const parser = new HTTPParser ();
    let taken = 0;
    parser.initialize (HTTPParser.REQUEST, {}, 0, 0);
    parser [HTTPParser.kOnMessageComplete | 0] = () => { taken++; };
    const result = parser.execute (bytes);
    return { taken, refused: result instanceof Error, why: result.code };
}

//  The statuses of the gateway's answers, but 100.
function ask_gateway (bytes)
{
    return new Promise ((resolve, reject) => {
        const pieces = [];
        const socket = net.connect (port, '127.0.0.1', () => socket.end (bytes));
        socket.setTimeout (20000, () => socket.destroy (new Error ('no end of the connection')));
        socket.on ('data', (piece) => pieces.push (piece));
        socket.on ('error', reject);
        socket.on ('close', () => {
            const text = Buffer.concat (pieces).toString ('latin1');
            const statuses = [...text.matchAll (/HTTP\/1\.1 (\d{3}) [A-Z]/g)].map ((match) => Number (match [1]));
            resolve (statuses.filter ((status) => status !== 100));
        });
    });
}

async function compare (bytes)
{
    const oracle = ask_llhttp (bytes);
    const statuses = await ask_gateway (bytes);
    const refusal = statuses.findIndex ((status) => REFUSALS.has (status));
    const early = refusal < 0 && EARLY.has (statuses [statuses.length - 1]) ? 1 : 0;
    const taken = refusal < 0 ? statuses.length - early : refusal;
    const refused = oracle.refused && oracle.why !== 'HPE_CLOSED_CONNECTION';    // llhttp merges trailers, we never do
    if (!refused || taken <= oracle.taken)
        return refused ? 'refused' : 'taken';
    const input = JSON.stringify (bytes.toString ('latin1'));
    console.log (`llhttp takes ${oracle.taken} and then says ${oracle.why}, the gateway says ${statuses}: ${input}`);
    return 'differs';
}

async function main ()
{
    const inputs = fs.readdirSync (corpus).map ((name) => fs.readFileSync (path.join (corpus, name)).subarray (2));
    for (let index = 0, seeds = inputs.length; index < count; index++)
        inputs.push (varied (inputs [index % seeds]));
    const tally = { refused: 0, taken: 0, differs: 0 };
    for (let index = 0; index < inputs.length; index += AT_ONCE)
        for (const verdict of await Promise.all (inputs.slice (index, index + AT_ONCE).map (compare)))
            tally [verdict]++;
    console.log (`${inputs.length} inputs: llhttp refuses ${tally.refused}, and ${tally.differs} differ`);
    process.exit (tally.differs || !tally.refused || !tally.taken ? 1 : 0);
}

main ().catch ((error) => { console.log (String (error)); process.exit (1); });
