import type { SeededRandom } from './seeded-random.ts'

const FIRST = [
  'Tân Phú Long Bình An Hòa Vĩnh Thạnh Mỹ Đông Tây Nam Sơn Hải Minh Quang Xuân Thanh Yên Kim Ngọc Hưng Đại Trung Thượng',
  'Cẩm Lộc Phước Quỳnh Diễn Nghi Hương Thiệu Định Hoằng Nga Tam Tiên Duy Điện Đức Ba Bảo Châu Khánh Lâm Mường Nậm Pá',
]
  .join(' ')
  .split(' ')

const SECOND = [
  'Thạnh Hòa Phú Lộc An Bình Sơn Giang Hải Xuân Thành Lâm Thịnh Hưng Tiến Lợi Trung Minh Đức Khê Điền Xá Thủy Hội Phong',
  'Châu Lĩnh Kỳ Vân Liên Trạch Quý Nghĩa Tường Cường Thắng Lập Thọ Hiệp Mai Trường Hà Nguyên Đồng Kim Sa Lạc Ngãi Chánh',
]
  .join(' ')
  .split(' ')

/** Names of places, such as `Tân Phú`: none twice from one source. */
export function placeNames(random: SeededRandom): () => string {
  const left = random.shuffled(FIRST.flatMap((first) => SECOND.flatMap((last) => pair(first, last))))
  return () => left.pop() ?? `Số ${random.below(1_000_000)}`
}

const pair = (first: string, last: string): string[] => (first === last ? [] : [`${first} ${last}`])

/** Departments of a province (NĐ 45/2025/NĐ-CP). */
export const DEPARTMENTS = [
  'Văn phòng UBND',
  'Sở Nội vụ',
  'Sở Tư pháp',
  'Sở Tài chính',
  'Sở Công Thương',
  'Sở Nông nghiệp và Môi trường',
  'Sở Xây dựng',
  'Sở Khoa học và Công nghệ',
  'Sở Văn hóa, Thể thao và Du lịch',
  'Sở Giáo dục và Đào tạo',
  'Sở Y tế',
  'Sở Dân tộc và Tôn giáo',
  'Thanh tra',
  'Ban Quản lý các khu công nghiệp',
] as const

export const DEPARTMENT_UNITS = [
  'Văn phòng',
  'Chi cục Quản lý',
  'Trung tâm Dịch vụ',
  'Ban Quản lý dự án',
] as const

/** Divisions of a district, and the department that took over from each. */
export const DIVISIONS: readonly { readonly name: string; readonly heir: (typeof DEPARTMENTS)[number] }[] = [
  { name: 'Văn phòng HĐND và UBND', heir: 'Văn phòng UBND' },
  { name: 'Phòng Nội vụ', heir: 'Sở Nội vụ' },
  { name: 'Phòng Tư pháp', heir: 'Sở Tư pháp' },
  { name: 'Phòng Tài chính – Kế hoạch', heir: 'Sở Tài chính' },
  { name: 'Phòng Kinh tế và Hạ tầng', heir: 'Sở Công Thương' },
  { name: 'Phòng Nông nghiệp và Môi trường', heir: 'Sở Nông nghiệp và Môi trường' },
  { name: 'Phòng Quản lý đô thị', heir: 'Sở Xây dựng' },
  { name: 'Phòng Văn hóa và Thông tin', heir: 'Sở Văn hóa, Thể thao và Du lịch' },
  { name: 'Phòng Giáo dục và Đào tạo', heir: 'Sở Giáo dục và Đào tạo' },
  { name: 'Phòng Y tế', heir: 'Sở Y tế' },
  { name: 'Phòng Dân tộc', heir: 'Sở Dân tộc và Tôn giáo' },
  { name: 'Thanh tra huyện', heir: 'Thanh tra' },
]

export const CENTRAL_UNITS = [
  'Văn phòng',
  'Thanh tra',
  'Vụ Tổ chức cán bộ',
  'Vụ Pháp chế',
  'Vụ Kế hoạch – Tài chính',
  'Vụ Hợp tác quốc tế',
  'Vụ Khoa học và Công nghệ',
  'Vụ Thi đua – Khen thưởng',
  'Cục Chuyển đổi số',
  'Cục Quản lý chất lượng',
  'Cục Công tác phía Nam',
  'Viện Chiến lược và Chính sách',
  'Học viện Đào tạo cán bộ',
  'Trung tâm Thông tin',
  'Tạp chí',
  'Báo',
  'Ban Quản lý dự án đầu tư',
  'Nhà xuất bản',
] as const

export const ASSOCIATION_UNITS = ['Văn phòng', 'Ban Tổ chức', 'Ban Đối ngoại'] as const

/** What stands beneath a commune. */
export const LOCAL_UNITS = [
  'Trường Mầm non',
  'Trường Tiểu học',
  'Trường THCS',
  'Trạm Y tế',
  'Trung tâm Phục vụ hành chính công',
  'Trung tâm Văn hóa – Thể thao',
  'Trường Tiểu học và THCS',
] as const
