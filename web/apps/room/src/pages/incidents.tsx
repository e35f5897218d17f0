export default function Page() {
  return <p>incidents</p>;
}
