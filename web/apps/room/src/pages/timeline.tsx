export default function Page() {
  return <p>timeline</p>;
}
