/*  =========================================================================
    node_client.js - Node's zeromq as a client

    Place: tests/interop, run by node.sh, which says where zeromq is.
    Usage: node_client.js eager ENDPOINT COUNT   asks a server as the second article does
           node_client.js rpc ENDPOINT           asks an RPC door, by REQ and by DEALER

    SPDX-License-Identifier: MPL-2.0
    =========================================================================*/

'use strict';

const assert = require ('node:assert');
const { Request, Dealer } = require ('zeromq');

const USERS = { status: 200, body: [{ id: 1, name: 'August' }] };

//  A question every 100 ms, whether or not the last one is answered: they queue up here, and REQ has one at a time. One
//  that is not answered in 1.5 s is asked again, and only the answer to the last attempt is let through.
async function eager (endpoint, count)
{
    const socket = new Request ({ relaxed: true, correlate: true, receiveTimeout: 1500, linger: 0 });
    const queue = [];
    let made = 0, wake = null;
    socket.connect (endpoint);
    const timer = setInterval (() => {
        queue.push (made++);
        console.log (`${queue.length} message queued`);
        if (wake)
            wake ();
        if (made === count)
            clearInterval (timer);
    }, 100);
    for (let answered = 0; answered < count;) {
        if (queue.length === 0)
            await new Promise ((resolve) => { wake = resolve; });
        await socket.send (String (queue [0]));
        try {
            const [answer] = await socket.receive ();
            console.log (answer.toString ());
            queue.shift ();
            answered++;
        } catch (error) {
            assert.strictEqual (error.code, 'EAGAIN');
            console.log ('no answer: asked again');
        }
    }
    console.log (`${made} asked, ${count} answered`);
    socket.close ();
}

//  One question after the other.
async function ask_by_req (endpoint)
{
    const socket = new Request ({ receiveTimeout: 10000, linger: 0 });
    const asks = async (method, path, body) => {
        await socket.send (JSON.stringify ({ method, path, body }));
        const [answer] = await socket.receive ();
        return JSON.parse (answer.toString ());
    };
    socket.connect (endpoint);
    assert.deepStrictEqual (await asks ('GET', '/users'), USERS);
    assert.deepStrictEqual (await asks ('POST', '/echo', { a: [1, 'ü', null] }),
                            { status: 200, body: { a: [1, 'ü', null] } });
    assert.strictEqual ((await asks ('GET', '/nothing')).status, 404);
    assert.strictEqual ((await asks ('GET', '/fail')).status, 500);
    await socket.send ('{');
    assert.strictEqual (JSON.parse ((await socket.receive ()) [0].toString ()).status, 400);
    socket.close ();
}

//  A hundred at once on one connection; the first one sleeps, and is answered last.
async function ask_by_dealer (endpoint)
{
    const socket = new Dealer ({ receiveTimeout: 10000, linger: 0 });
    const order = [];
    socket.connect (endpoint);
    for (let number = 0; number < 100; number++)
        await socket.send ([String (number), '', JSON.stringify ({ method: 'GET',
                                                                   path: number ? '/users' : '/sleep/300' })]);
    while (order.length < 100) {
        const [number, empty, answer] = await socket.receive ();
        assert.strictEqual (empty.length, 0);
        order.push (Number (number.toString ()));
        if (order.at (-1))
            assert.deepStrictEqual (JSON.parse (answer.toString ()), USERS);
    }
    assert.strictEqual (order.at (-1), 0);
    assert.strictEqual (new Set (order).size, 100);
    socket.close ();
}

async function rpc (endpoint)
{
    await ask_by_req (endpoint);
    await ask_by_dealer (endpoint);
}

const [what, endpoint, count] = process.argv.slice (2);
({ eager, rpc }) [what] (endpoint, Number (count)).catch ((error) => {
    console.error (error);
    process.exit (1);
});
