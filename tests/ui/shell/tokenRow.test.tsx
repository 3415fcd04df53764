import { cleanup, render, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { TokenRow } from '../../../src/ui/parts/tokens/TokenRow';
import type { TokenMark } from '../../../src/ui/parts/tokens/tokenMark';
import { spokenToken } from '../../../src/ui/parts/tokens/tokenText';

type Token = { text: string };
const toMark = ({ text }: Token): TokenMark => ({ text, name: spokenToken(text), details: [] });
const cafe = ['caf', '⟨C3⟩', '⟨A9⟩', ' now'].map((text) => ({ text }));

afterEach(cleanup);

describe('a row of tokens (7.27)', () => {
  it('reads as text, and every token of a split character can be pointed at', () => {
    render(<TokenRow label="Text" tokens={cafe} toMark={toMark} />);
    const row = screen.getByRole('list', { name: 'Text' });
    expect(row.textContent).toBe('café now');
    const names = within(row)
      .getAllByRole('listitem')
      .map((token) => token.getAttribute('aria-label'));
    expect(names).toEqual(['“caf”', '“é”', 'rest of “é”', '“·now”']);
  });

  it('shows a lone token as its bytes', () => {
    render(<TokenRow label="Chips" isLone tokens={cafe} toMark={toMark} />);
    expect(screen.getByRole('list', { name: 'Chips' }).textContent).toBe('caf⟨C3⟩⟨A9⟩ now');
  });

  it('completes a character when its last byte arrives and renders no other token anew', () => {
    const rendered: string[] = [];
    const counting = (token: Token) => {
      rendered.push(token.text);
      return toMark(token);
    };
    const { rerender } = render(
      <TokenRow label="Text" tokens={cafe.slice(0, 2)} toMark={counting} />,
    );
    expect(screen.getByRole('list', { name: 'Text' }).textContent).toBe('caf⟨C3⟩');
    rendered.length = 0;
    rerender(<TokenRow label="Text" tokens={cafe.slice(0, 3)} toMark={counting} />);
    expect(screen.getByRole('list', { name: 'Text' }).textContent).toBe('café');
    expect(rendered).toEqual(['é', 'é']);
  });
});
