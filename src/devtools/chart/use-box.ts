import { type RefObject, useEffect, useRef, useState } from 'react'

export interface Box {
  readonly width: number
  readonly height: number
  /** How far it is scrolled. */
  readonly top: number
}

/** The size of an element and how far it is scrolled, in px. */
export function useBox(): [RefObject<HTMLElement | null>, Box, () => void] {
  const ref = useRef<HTMLElement | null>(null)
  const [box, setBox] = useState<Box>({ width: 0, height: 600, top: 0 })
  const measure = useRef(() => {
    const { clientWidth: width = 0, clientHeight: height = 0, scrollTop: top = 0 } = ref.current ?? {}
    setBox({ width, height, top })
  }).current
  useEffect(() => {
    measure()
    if (!ref.current || typeof ResizeObserver === 'undefined') return
    const observer = new ResizeObserver(measure)
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [measure])
  return [ref, box, measure]
}
