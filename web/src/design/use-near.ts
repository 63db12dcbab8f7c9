import { useEffect, useState } from "react";
import type { RefObject } from "react";

const AHEAD_PX = 240;

/** Whether an element has come near the screen; stays true. Watches again when `present` changes. */
export function useNear(place: RefObject<HTMLElement | null>, present = true): boolean {
  const [near, setNear] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    const element = place.current;
    if (near || element === null) {
      return undefined;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setNear(true);
        }
      },
      { rootMargin: `${AHEAD_PX}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [near, place, present]);
  return near;
}
