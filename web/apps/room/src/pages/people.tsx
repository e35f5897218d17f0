export default function Page() {
  return <p>people</p>;
}
