export default function Page() {
  return <p>incident</p>;
}
