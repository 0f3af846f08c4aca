import { _t } from "@web/core/l10n/translation";

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A limit nearer than this is shown in amber. */
const NEAR = DAY;

/**
 * A span of time in words that fit a table cell. Days are 24 hours: what is shown
 * is the time that passes until the limit, not working time.
 *
 * @param {number} span milliseconds, not negative
 * @returns {string}
 */
export function spanInWords(span) {
    const days = Math.floor(span / DAY);
    const hours = Math.floor((span % DAY) / HOUR);
    const minutes = Math.floor((span % HOUR) / MINUTE);
    if (days >= 2 || (days && !hours)) {
        return _t("%(days)s d", { days });
    }
    if (days) {
        return _t("%(days)s d %(hours)s h", { days, hours });
    }
    if (hours >= 6 || (hours && !minutes)) {
        return _t("%(hours)s h", { hours });
    }
    if (hours) {
        return _t("%(hours)s h %(minutes)s min", { hours, minutes });
    }
    return minutes ? _t("%(minutes)s min", { minutes }) : _t("less than a minute");
}

/**
 * What to say about a limit at a given moment.
 *
 * @param {number} deadline milliseconds since the epoch
 * @param {number} now milliseconds since the epoch
 * @returns {{text: string, tone: "overdue"|"near"|"far"}}
 */
export function timeLeft(deadline, now) {
    const left = deadline - now;
    if (left < 0) {
        const time = spanInWords(-left);
        return { text: _t("%(time)s overdue", { time }), tone: "overdue" };
    }
    const text = _t("%(time)s left", { time: spanInWords(left) });
    return { text, tone: left < NEAR ? "near" : "far" };
}
