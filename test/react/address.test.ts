// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { wayTo } from '../../src/react/address.ts'

/** The page is https://app.example.test/. */
const way = (signIn: string, here: string, loose = false) => wayTo(signIn, here, loose)

describe('this is the sign-in page, however the two are written', () => {
  test.each([
    ['/sign in', '/sign%20in'],
    ['/sign%20in', '/sign in'],
    ['/anmelden-für', '/anmelden-f%C3%BCr'],
    ['/anmelden-f%c3%bcr', '/anmelden-für'],
    ['/sign-in', '/sign%2Din'],
    ['/sign-in', '/Sign-In'],
    ['/SIGN-IN/', '/sign-in'],
    ['/sign-in', '/sign-in//'],
    ['/sign-in?lang=de', '/sign-in?returnTo=%2Fa'],
    ['/sign-in#form', '/sign-in'],
    ['https://app.example.test/sign-in', '/sign-in'],
    ['HTTPS://APP.example.test:443/sign-in', '/sign-in?a=b'],
    ['//app.example.test/sign-in', '/sign-in/'],
    ['sign-in', '/sign-in'],
    ['/a/../sign-in', '/sign-in'],
    ['/#/sign-in', '/#/sign-in?returnTo=%2Fa'],
    ['/#/sign-in', '/#/sign-in/#form'],
    ['/#!/sign-in', '/#!/Sign-In'],
    ['#/sign-in', '/#/sign-in'],
    ['/', '/?a=b'],
    ['/100%', '/100%'],
    ['/%zz', '/%zz'],
    ['/🔑', '/%F0%9F%94%91'],
  ])('%s at %s', (signIn, here) => {
    expect(way(signIn, here)).toBeNull()
    expect(way(signIn, here, true)).toBeNull()
  })

  test.each([
    ['/sign-in', '/app/sign-in'],
    ['/sign-in', '/#/sign-in'],
    ['/sign-in', '/app/#/sign-in?x'],
    ['/sign-in', '/my%20app/Sign-In/'],
  ])('%s at %s, where only the router knows what stands before it', (signIn, here) => {
    expect(way(signIn, here, true)).toBeNull()
  })
})

describe('this is another page', () => {
  test.each([
    ['/sign-in', '/sign-in-help'],
    ['/sign-in', '/reports'],
    ['/sign-in', '/'],
    ['/', '/reports'],
    ['/', '/app'],
    ['/#/sign-in', '/#/reports'],
    ['/#/sign-in', '/'],
    ['/#/', '/#/reports'],
    ['/sign-in', '/reports?next=/sign-in'],
    ['/sign-in', '/reports#sign-in'],
    ['/sign%2Fin', '/sign/out'],
  ])('%s at %s', (signIn, here) => {
    expect(way(signIn, here)).toBe(signIn)
    expect(way(signIn, here, true)).toBe(signIn)
  })

  test.each([
    ['https://app.example.test/sign-in?a=b#c', '/sign-in?a=b#c'],
    ['//app.example.test/sign-in', '/sign-in'],
    ['HTTPS://app.EXAMPLE.test:443/sign-in', '/sign-in'],
    ['https://app.example.test/#/sign-in', '/#/sign-in'],
  ])('%s: a router gets it without the origin', (signIn, path) => {
    expect(way(signIn, '/reports')).toBe(path)
  })

  test('one of another origin is given in full, and is never this page', () => {
    expect(way('https://login.example.test/sign-in', '/sign-in', true)).toBe('https://login.example.test/sign-in')
    expect(way('//login.example.test', '/')).toBe('https://login.example.test/')
  })

  test('/app/sign-in is not /sign-in where the path is known to be the router’s', () => {
    expect(way('/sign-in', '/app/sign-in', false)).toBe('/sign-in')
  })
})
