import { onWillDestroy, reactive, useState } from "@odoo/owl";

const INTERVAL = 60 * 1000;

// One clock for all: a list of eighty limits needs one timer, not eighty.
const clock = reactive({ now: Date.now() });
let watchers = 0;
let timer;

function tick() {
    clock.now = Date.now();
}

/**
 * The present moment, renewed each minute while somebody looks at it.
 *
 * @returns {{now: number}} reactive; milliseconds since the epoch
 */
export function useMinuteClock() {
    if (watchers === 0) {
        tick();
        timer = setInterval(tick, INTERVAL);
    }
    watchers += 1;
    onWillDestroy(() => {
        watchers -= 1;
        if (watchers === 0) {
            clearInterval(timer);
        }
    });
    return useState(clock);
}
