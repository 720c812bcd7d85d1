// Mistakes that somebody could make in the engine, one line each.
import { endings } from './planted/endings.mjs'
import { orders } from './planted/orders.mjs'
import { processes } from './planted/processes.mjs'
import { renewals } from './planted/renewals.mjs'
import { requests } from './planted/requests.mjs'
import { unseen } from './planted/unseen.mjs'

export const planted = [...renewals, ...endings, ...requests, ...orders, ...processes, ...unseen]

/** @param {string} find @param {string} text */
export const timesFound = (find, text) => text.split(find).length - 1

/** All the lines that a mistake changes. @param {{ file: string, find: string, replace: string, and?: object[] }} mistake */
export const linesOf = ({ file, find, replace, and = [] }) => [{ file, find, replace }, ...and]

/** @param {Parameters<typeof linesOf>[0]} mistake @returns {(path: string, text: string) => string} */
export const editOf = (mistake) => (path, text) =>
  linesOf(mistake).reduce(
    (all, { file, find, replace }) => (file === path ? all.replace(find, () => replace) : all),
    text,
  )
