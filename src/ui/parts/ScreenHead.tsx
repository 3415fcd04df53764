// A screen's name and what it is for.

export function ScreenHead({ name, purpose }: { name: string; purpose: string }) {
  return (
    <div className="screen-head">
      <h1>{name}</h1>
      <p>{purpose}</p>
    </div>
  );
}
