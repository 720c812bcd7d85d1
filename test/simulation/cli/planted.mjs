// Mistakes that somebody could make in the engine, one line each.
import { endings } from './planted/endings.mjs'
import { renewals } from './planted/renewals.mjs'
import { requests } from './planted/requests.mjs'

export const planted = [...renewals, ...endings, ...requests]

/** @param {string} find @param {string} text */
export const timesFound = (find, text) => text.split(find).length - 1
