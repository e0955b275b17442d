import '#client/ui/tokens.css';
import '#client/ui/base.css';

import { createRoot } from 'react-dom/client';
import { App } from '#client/app.tsx';

const place = document.getElementById('ycord');
if (place) createRoot(place).render(<App />);
