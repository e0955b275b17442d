import { createRoot } from 'react-dom/client';
import { App } from '#client/app.tsx';
import '#client/ui/tokens.css';
import '#client/ui/base.css';

const place = document.getElementById('ycord');
if (place) createRoot(place).render(<App />);
