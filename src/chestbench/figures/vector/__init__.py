"""Charts as inline SVG for pages: colours come from the page's style, so that one chart fits light, dark and paper."""
