export default function Page() {
  return <p>zones</p>;
}
