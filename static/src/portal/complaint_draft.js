import { browser } from "@web/core/browser/browser";

/*
 * What somebody typed into the form of a new complaint, kept in the browser until it is
 * sent. One draft for each user; a shared browser shows nobody the draft of another.
 */
const PREFIX = "complaint_draft:";
const MAX_AGE = 30 * 24 * 3600 * 1000;

/** A browser may refuse to store anything; the form works all the same. */
function attempt(work) {
    try {
        return work(browser.localStorage);
    } catch {
        return null;
    }
}

/**
 * @param {string} user id of who types
 * @param {Object} draft plain values
 * @returns {boolean} whether it is kept
 */
export function keepDraft(user, draft) {
    return (
        attempt((storage) => {
            storage.setItem(PREFIX + user, JSON.stringify({ ...draft, at: Date.now() }));
            return true;
        }) || false
    );
}

/** @returns {Object|null} the user's draft, unless it is too old to be remembered */
export function findDraft(user) {
    const draft = attempt((storage) => JSON.parse(storage.getItem(PREFIX + user)));
    if (draft && !(Date.now() - draft.at < MAX_AGE)) {
        forgetDraft(user);
        return null;
    }
    return draft;
}

export function forgetDraft(user) {
    attempt((storage) => storage.removeItem(PREFIX + user));
}

/** @param {string} [user] whose draft stays */
export function forgetOtherDrafts(user) {
    attempt((storage) => {
        const keys = Object.keys(storage).filter((key) => key.startsWith(PREFIX));
        keys.filter((key) => key !== PREFIX + user).forEach((key) => storage.removeItem(key));
    });
}
